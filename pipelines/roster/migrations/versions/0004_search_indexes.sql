DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
    RAISE NOTICE 'this server has no pg_trgm: filters with ~ will read whole tables';
  ELSE
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'this role may not create pg_trgm: filters with ~ will read whole tables';
END $$;

DO $$ BEGIN
  IF EXISTS (SELECT FROM academic_sessions) THEN
    CREATE INDEX IF NOT EXISTS academic_sessions_status ON academic_sessions USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS academic_sessions_parent_sourced_id ON academic_sessions USING btree (source, "parent_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS academic_sessions_publication_id ON academic_sessions USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS academic_sessions_dangling ON academic_sessions USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM orgs) THEN
    CREATE INDEX IF NOT EXISTS orgs_status ON orgs USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS orgs_parent_sourced_id ON orgs USING btree (source, "parent_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS orgs_publication_id ON orgs USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS orgs_dangling ON orgs USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM courses) THEN
    CREATE INDEX IF NOT EXISTS courses_status ON courses USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS courses_school_year_sourced_id ON courses USING btree (source, "school_year_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS courses_org_sourced_id ON courses USING btree (source, "org_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS courses_publication_id ON courses USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS courses_dangling ON courses USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM classes) THEN
    CREATE INDEX IF NOT EXISTS classes_status ON classes USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS classes_title ON classes USING btree (source, "title", sourced_id);
    CREATE INDEX IF NOT EXISTS classes_course_sourced_id ON classes USING btree (source, "course_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS classes_class_code ON classes USING btree (source, "class_code", sourced_id);
    CREATE INDEX IF NOT EXISTS classes_school_sourced_id ON classes USING btree (source, "school_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS classes_term_sourced_ids ON classes USING gin ("term_sourced_ids");
    CREATE INDEX IF NOT EXISTS classes_publication_id ON classes USING btree (source, publication_id);
    IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'gin_trgm_ops' AND pg_opclass_is_visible(oid)) THEN
      CREATE INDEX IF NOT EXISTS classes_searched ON classes USING gin ("title" gin_trgm_ops);
    END IF;
    CREATE INDEX IF NOT EXISTS classes_dangling ON classes USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM users) THEN
    CREATE INDEX IF NOT EXISTS users_status ON users USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS users_username ON users USING btree (source, "username");
    CREATE INDEX IF NOT EXISTS users_family_name ON users USING btree (source, "family_name", sourced_id);
    CREATE INDEX IF NOT EXISTS users_identifier ON users USING btree (source, "identifier");
    CREATE INDEX IF NOT EXISTS users_email ON users USING btree (source, "email");
    CREATE INDEX IF NOT EXISTS users_agent_sourced_ids ON users USING gin ("agent_sourced_ids");
    CREATE INDEX IF NOT EXISTS users_user_master_identifier ON users USING btree (source, "user_master_identifier");
    CREATE INDEX IF NOT EXISTS users_resource_sourced_ids ON users USING gin ("resource_sourced_ids");
    CREATE INDEX IF NOT EXISTS users_primary_org_sourced_id ON users USING btree (source, "primary_org_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS users_publication_id ON users USING btree (source, publication_id);
    IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'gin_trgm_ops' AND pg_opclass_is_visible(oid)) THEN
      CREATE INDEX IF NOT EXISTS users_searched ON users USING gin ("username" gin_trgm_ops, "given_name" gin_trgm_ops, "family_name" gin_trgm_ops, "email" gin_trgm_ops);
    END IF;
    CREATE INDEX IF NOT EXISTS users_dangling ON users USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM user_profiles) THEN
    CREATE INDEX IF NOT EXISTS user_profiles_status ON user_profiles USING btree (source, "status", "user_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS user_profiles_user_sourced_id ON user_profiles USING btree (source, "user_sourced_id");
    CREATE INDEX IF NOT EXISTS user_profiles_dangling ON user_profiles USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM roles) THEN
    CREATE INDEX IF NOT EXISTS roles_status ON roles USING btree (source, "status", "user_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS roles_user_sourced_id ON roles USING btree (source, "user_sourced_id");
    CREATE INDEX IF NOT EXISTS roles_role ON roles USING btree (source, "role", "user_sourced_id") WHERE "role" <> 'student';
    CREATE INDEX IF NOT EXISTS roles_org_sourced_id ON roles USING btree (source, "org_sourced_id", "user_sourced_id");
    CREATE INDEX IF NOT EXISTS roles_dangling ON roles USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM demographics) THEN
    CREATE INDEX IF NOT EXISTS demographics_status ON demographics USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS demographics_publication_id ON demographics USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS demographics_dangling ON demographics USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM enrollments) THEN
    CREATE INDEX IF NOT EXISTS enrollments_status ON enrollments USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS enrollments_class_sourced_id ON enrollments USING btree (source, "class_sourced_id");
    CREATE INDEX IF NOT EXISTS enrollments_school_sourced_id ON enrollments USING btree (source, "school_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS enrollments_user_sourced_id ON enrollments USING btree (source, "user_sourced_id");
    CREATE INDEX IF NOT EXISTS enrollments_role ON enrollments USING btree (source, "role", sourced_id) WHERE "role" <> 'student';
    CREATE INDEX IF NOT EXISTS enrollments_publication_id ON enrollments USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS enrollments_dangling ON enrollments USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM resources) THEN
    CREATE INDEX IF NOT EXISTS resources_status ON resources USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS resources_publication_id ON resources USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS resources_dangling ON resources USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM class_resources) THEN
    CREATE INDEX IF NOT EXISTS class_resources_status ON class_resources USING btree (source, "status", "class_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS class_resources_class_sourced_id ON class_resources USING btree (source, "class_sourced_id");
    CREATE INDEX IF NOT EXISTS class_resources_dangling ON class_resources USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM course_resources) THEN
    CREATE INDEX IF NOT EXISTS course_resources_status ON course_resources USING btree (source, "status", "course_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS course_resources_course_sourced_id ON course_resources USING btree (source, "course_sourced_id");
    CREATE INDEX IF NOT EXISTS course_resources_dangling ON course_resources USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM user_resources) THEN
    CREATE INDEX IF NOT EXISTS user_resources_status ON user_resources USING btree (source, "status", "user_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS user_resources_user_sourced_id ON user_resources USING btree (source, "user_sourced_id");
    CREATE INDEX IF NOT EXISTS user_resources_dangling ON user_resources USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM categories) THEN
    CREATE INDEX IF NOT EXISTS categories_status ON categories USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS categories_publication_id ON categories USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS categories_dangling ON categories USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM score_scales) THEN
    CREATE INDEX IF NOT EXISTS score_scales_status ON score_scales USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS score_scales_org_sourced_id ON score_scales USING btree (source, "org_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS score_scales_course_sourced_id ON score_scales USING btree (source, "course_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS score_scales_class_sourced_id ON score_scales USING btree (source, "class_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS score_scales_publication_id ON score_scales USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS score_scales_dangling ON score_scales USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM line_items) THEN
    CREATE INDEX IF NOT EXISTS line_items_status ON line_items USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS line_items_class_sourced_id ON line_items USING btree (source, "class_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS line_items_category_sourced_id ON line_items USING btree (source, "category_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS line_items_academic_session_sourced_id ON line_items USING btree (source, "academic_session_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS line_items_school_sourced_id ON line_items USING btree (source, "school_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS line_items_publication_id ON line_items USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS line_items_dangling ON line_items USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM results) THEN
    CREATE INDEX IF NOT EXISTS results_status ON results USING btree (source, "status", sourced_id) WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS results_line_item_sourced_id ON results USING btree (source, "line_item_sourced_id");
    CREATE INDEX IF NOT EXISTS results_student_sourced_id ON results USING btree (source, "student_sourced_id");
    CREATE INDEX IF NOT EXISTS results_class_sourced_id ON results USING btree (source, "class_sourced_id", sourced_id);
    CREATE INDEX IF NOT EXISTS results_publication_id ON results USING btree (source, publication_id);
    CREATE INDEX IF NOT EXISTS results_dangling ON results USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM line_item_score_scales) THEN
    CREATE INDEX IF NOT EXISTS line_item_score_scales_status ON line_item_score_scales USING btree (source, "status", "line_item_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS line_item_score_scales_line_item_sourced_id ON line_item_score_scales USING btree (source, "line_item_sourced_id");
    CREATE INDEX IF NOT EXISTS line_item_score_scales_dangling ON line_item_score_scales USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM result_score_scales) THEN
    CREATE INDEX IF NOT EXISTS result_score_scales_status ON result_score_scales USING btree (source, "status", "result_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS result_score_scales_result_sourced_id ON result_score_scales USING btree (source, "result_sourced_id");
    CREATE INDEX IF NOT EXISTS result_score_scales_dangling ON result_score_scales USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM line_item_learning_objective_ids) THEN
    CREATE INDEX IF NOT EXISTS line_item_learning_objective_ids_status ON line_item_learning_objective_ids USING btree (source, "status", "line_item_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS line_item_learning_objective_ids_line_item_sourced_id ON line_item_learning_objective_ids USING btree (source, "line_item_sourced_id");
    CREATE INDEX IF NOT EXISTS line_item_learning_objective_ids_dangling ON line_item_learning_objective_ids USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
  IF EXISTS (SELECT FROM result_learning_objective_ids) THEN
    CREATE INDEX IF NOT EXISTS result_learning_objective_ids_status ON result_learning_objective_ids USING btree (source, "status", "result_sourced_id") WHERE "status" <> 'active';
    CREATE INDEX IF NOT EXISTS result_learning_objective_ids_result_sourced_id ON result_learning_objective_ids USING btree (source, "result_sourced_id");
    CREATE INDEX IF NOT EXISTS result_learning_objective_ids_dangling ON result_learning_objective_ids USING btree (source) WHERE dangling IS NOT NULL;
  END IF;
END $$;
